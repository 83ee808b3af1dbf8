package io.github.ptmalloc4j.ptmalloc;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * Runs each test method on an engine whose {@code assert} statements are off, as a program meets it: with them on, an
 * invariant speaks up before the integrity check that is to be tested. The test class and all classes of this project are
 * loaded once more for that, by a loader of their own.
 */
final class WithoutAssertions implements InvocationInterceptor {
    private static final ClassLoader LOADER = new SecondLoader();

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> context, ExtensionContext extension)
            throws Throwable {
        runAgain(invocation, context);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> context, ExtensionContext extension)
            throws Throwable {
        runAgain(invocation, context);
    }

    private static void runAgain(Invocation<Void> invocation, ReflectiveInvocationContext<Method> context)
            throws Throwable {
        invocation.skip();
        Method method = context.getExecutable();
        Class<?> testClass = Class.forName(method.getDeclaringClass().getName(), true, LOADER);
        Constructor<?> constructor = testClass.getDeclaredConstructor();
        constructor.setAccessible(true);
        Method copy = testClass.getDeclaredMethod(method.getName(), method.getParameterTypes());
        copy.setAccessible(true);
        try {
            copy.invoke(constructor.newInstance(), context.getArguments().toArray());
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static final class SecondLoader extends ClassLoader {
        SecondLoader() {
            super(WithoutAssertions.class.getClassLoader());
            setDefaultAssertionStatus(false);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                if (loaded != null) {
                    return loaded;
                }
                return name.startsWith("io.github.ptmalloc4j.") ? define(name) : super.loadClass(name, resolve);
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}
