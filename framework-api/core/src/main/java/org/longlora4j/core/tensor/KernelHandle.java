package org.longlora4j.core.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.longlora4j.api.tensor.Kernels;

/** Binds the entry points of a kernel file to the methods of an interface. */
final class KernelHandle {
  private static final Set<Class<?>> ARGUMENTS =
      Set.of(NDArray.class, int.class, long.class, float.class, double.class);

  private final String file;
  private final Kernels kernels;
  private final EntryPoints entryPoints;

  KernelHandle(String file, Kernels kernels, EntryPoints entryPoints) {
    this.file = file;
    this.kernels = kernels;
    this.entryPoints = entryPoints;
  }

  /**
   * Checks the interface and implements it.
   *
   * @throws IllegalArgumentException if it does not fit; the message names the method
   */
  <K> K as(Class<K> handle) {
    if (!handle.isInterface()) {
      throw new IllegalArgumentException(handle.getName() + " is no interface");
    }
    Map<Method, String> names = new HashMap<>();
    for (Method method : handle.getMethods()) {
      if (Modifier.isAbstract(method.getModifiers())) {
        names.put(method, entryPoint(method));
      }
    }
    InvocationHandler calls =
        (proxy, method, arguments) -> {
          if (method.isDefault()) {
            return InvocationHandler.invokeDefault(proxy, method, arguments);
          }
          return names.containsKey(method)
              ? call(method, names.get(method), arguments)
              : ofObject(handle, proxy, method, arguments);
        };
    return handle.cast(
        Proxy.newProxyInstance(handle.getClassLoader(), new Class<?>[] {handle}, calls));
  }

  private String entryPoint(Method method) {
    String name = snakeCase(method.getName());
    Integer wanted = entryPoints.arguments().get(name);
    List<Class<?>> parameters = List.of(method.getParameterTypes());
    if (wanted == null) {
      throw misfit(
          method,
          "there is no entry point "
              + name
              + "; there are "
              + String.join(", ", entryPoints.arguments().keySet()));
    }
    if (parameters.isEmpty() || parameters.get(0) != NDManager.class) {
      throw misfit(method, "its first parameter must be the NDManager that owns the result");
    }
    List<Class<?>> arguments = parameters.subList(1, parameters.size());
    for (Class<?> type : arguments) {
      if (!ARGUMENTS.contains(type)) {
        throw misfit(
            method,
            "a parameter is "
                + type.getSimpleName()
                + ", must be NDArray, int, long, float or double");
      }
    }
    if (arguments.size() != wanted) {
      throw misfit(
          method,
          "it has %d parameters after the owner, but %s takes %d"
              .formatted(arguments.size(), name, wanted));
    }
    Class<?> returned = method.getReturnType();
    if (returned != NDArray.class && returned != NDList.class) {
      throw misfit(
          method, "it returns " + returned.getSimpleName() + ", must return NDArray or NDList");
    }
    return name;
  }

  private IllegalArgumentException misfit(Method method, String problem) {
    return new IllegalArgumentException(
        "%s.%s does not fit the kernel file %s: %s"
            .formatted(
                method.getDeclaringClass().getSimpleName(), method.getName(), file, problem));
  }

  private Object call(Method method, String name, Object[] arguments) {
    NDManager owner = (NDManager) arguments[0];
    Object[] others = Arrays.copyOfRange(arguments, 1, arguments.length);
    return method.getReturnType() == NDArray.class
        ? kernels.call(owner, name, others)
        : kernels.callAll(owner, name, others);
  }

  private Object ofObject(Class<?> handle, Object proxy, Method method, Object[] arguments) {
    return switch (method.getName()) {
      case "equals" -> proxy == arguments[0];
      case "hashCode" -> System.identityHashCode(proxy);
      default -> handle.getSimpleName() + " of " + file;
    };
  }

  private static String snakeCase(String name) {
    return name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
  }
}
