package io.github.ptmalloc4j.lab.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.ptmalloc4j.os.Os;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ForwardingOsTest {
    private final List<String> arrived = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private boolean refusing;

    private final Os forwarding = new ForwardingOs(answering()) {
        @Override
        protected void called(String name, boolean refused) {
            told.add(name + " " + refused);
        }
    };

    /** Answers every call, or refuses it. */
    private Os answering() {
        return (Os)
                Proxy.newProxyInstance(Os.class.getClassLoader(), new Class<?>[] {Os.class}, (proxy, method, args) -> {
                    arrived.add(method.getName() + (args == null ? "[]" : Arrays.toString(args)));
                    return method.getReturnType() == boolean.class
                            ? (Object) !refusing
                            : (Object) (refusing ? Os.MAP_FAILED : 42L);
                });
    }

    /** Every call of the interface that has no default, with arguments 1, 2, … */
    private void callAll() throws ReflectiveOperationException {
        for (Method call : Os.class.getMethods()) {
            if (!Modifier.isAbstract(call.getModifiers())) {
                continue;
            }
            Object[] arguments = new Object[call.getParameterCount()];
            for (int i = 0; i < arguments.length; i++) {
                arguments[i] = call.getParameterTypes()[i] == int.class ? (Object) (i + 1) : (Object) (i + 1L);
            }
            told.clear();
            arrived.clear();
            Object answer = call.invoke(forwarding, arguments);
            assertEquals(List.of(call.getName() + Arrays.toString(arguments)), arrived);
            assertEquals(call.getReturnType() == boolean.class ? (Object) !refusing : refusing ? -1L : 42L, answer);
            String name = Map.of("random", "getrandom").getOrDefault(call.getName(), call.getName());
            boolean refused = refusing && !name.equals("getrandom");
            assertEquals(List.of(name + " " + refused), told);
        }
    }

    @Test
    void everyCallArrivesOnceAndItsAnswerComesBack() throws Exception {
        callAll();
    }

    @Test
    void whatIsRefusedIsToldAsRefused() throws Exception {
        refusing = true;
        callAll();
    }
}
