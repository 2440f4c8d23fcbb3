package dev.hark.app;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;

/** Signals of the operating system that do something else than end the process. Stateless. */
final class Signals {
    /* What tells of them, sun.misc.Signal, is no part of Java; javac warns of it without a way to have it not to. It is in every JDK all
       the same. Where it is not, a signal does what it does to any JVM. */

    /** Which end a hub. A JVM that is on its way out passes over a second one, unless it is handled. */
    static final List<String> END = List.of("TERM", "INT");

    /** Has daemons read their configuration anew. A process that was started with it ignored, as nohup does, goes on ignoring it. */
    static final List<String> RELOAD = List.of("HUP");

    private static final System.Logger LOGGER = System.getLogger(Signals.class.getName());

    private Signals() {}

    /** From now on has {@code action} run, on a thread of the JVM's, when one of {@code signals} comes. */
    static void on(List<String> signals, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object toAction = Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {handler}, calling(action));
            for (String name : signals) {
                signal.getMethod("handle", signal, handler).invoke(null, signal.getConstructor(String.class).newInstance(name), toAction);
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "SIG" + String.join(", SIG", signals) + " will not be noticed", e);
        }
    }

    @SuppressWarnings("ReferenceEquality") // what a proxy answers to equals
    private static InvocationHandler calling(Runnable action) {
        return (proxy, method, arguments) -> switch (method.getName()) {
            case "handle" -> {
                action.run();
                yield null;
            }
            case "equals" -> proxy == arguments[0];
            case "hashCode" -> System.identityHashCode(proxy);
            default -> "what a signal does";
        };
    }
}
