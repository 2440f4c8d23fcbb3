package dev.hark.app;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;

/**
 * The SIGTERM or SIGINT of somebody who has sent one already and does not want to wait. Stateless.
 */
final class SecondSignal {
    /* A JVM that is on its way out passes over signals, and what would tell of them, sun.misc.Signal, is no part of Java; javac warns of it
       without a way to have it not to. It is in every JDK all the same. Where it is not, a second signal changes nothing. */

    private static final System.Logger LOGGER = System.getLogger(SecondSignal.class.getName());
    private static final List<String> SIGNALS = List.of("TERM", "INT");

    private SecondSignal() {}

    /** From now on has {@code action} run, on a thread of the JVM's, when one comes. */
    static void on(Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object toAction = Proxy.newProxyInstance(SecondSignal.class.getClassLoader(), new Class<?>[] {handler}, calling(action));
            for (String name : SIGNALS) {
                signal.getMethod("handle", signal, handler).invoke(null, signal.getConstructor(String.class).newInstance(name), toAction);
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "a second signal will not be noticed", e);
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
            default -> "a second signal";
        };
    }
}
