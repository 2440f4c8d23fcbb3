package dev.hark.app.hook;

import dev.hark.event.Draft;
import dev.hark.log.Append;
import dev.hark.log.EventLog;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A log that does with a batch what a test says. */
final class FaultyLog {
    private FaultyLog() {}

    /** @param answer what becomes of a batch; null where {@code log} stores it as ever */
    @SuppressWarnings("unchecked")
    static EventLog of(EventLog log, Function<List<Draft>, @Nullable Append> answer) {
        return (EventLog) Proxy.newProxyInstance(EventLog.class.getClassLoader(), new Class<?>[] {EventLog.class},
                (proxy, method, arguments) -> {
                    Append fault = method.getName().equals("append") ? answer.apply((List<Draft>) arguments[0]) : null;
                    try {
                        return fault == null ? method.invoke(log, arguments) : fault;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
