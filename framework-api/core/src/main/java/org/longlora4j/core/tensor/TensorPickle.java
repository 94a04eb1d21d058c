package org.longlora4j.core.tensor;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.ndarray.types.Shape;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.longlora4j.api.tensor.ElementType;

/**
 * Reads a pickle that holds named tensors and nothing else.
 *
 * <p>A pickle is a program: it may name any Python function and have it called. This reader knows
 * the few names that torch.save writes for tensors, takes them as words, and has nothing to call:
 * what comes out is a table of names, shapes and places. Every other name, and every instruction
 * that a table of tensors does not need, ends the reading. (Instructions: Python's pickletools;
 * records: torch/serialization.py and torch/_utils.py.)
 */
final class TensorPickle {
  private static final Map<String, ElementType> STORAGES =
      Map.of(
          "torch DoubleStorage", ElementType.F64,
          "torch FloatStorage", ElementType.F32,
          "torch HalfStorage", ElementType.F16,
          "torch BFloat16Storage", ElementType.BF16,
          "torch LongStorage", ElementType.I64,
          "torch IntStorage", ElementType.I32,
          "torch ShortStorage", ElementType.I16,
          "torch CharStorage", ElementType.I8,
          "torch ByteStorage", ElementType.U8,
          "torch BoolStorage", ElementType.BOOL);

  private static final String TENSOR = "torch._utils _rebuild_tensor_v2";
  private static final String PARAMETER = "torch._utils _rebuild_parameter";
  private static final String DICTIONARY = "collections OrderedDict";
  private static final Object MARK = new Object();
  private static final Object NONE = new Object();

  private final ByteBuffer code;
  private final Deque<Object> stack = new ArrayDeque<>();
  private final Map<Integer, Object> memo = new HashMap<>();

  /** A name of Python's, taken as a word. */
  private record Name(String words) {}

  /** Where a storage's elements are: an entry of the archive. */
  private record Storage(String key, ElementType type) {}

  /**
   * What a pickle says of one tensor.
   *
   * @param key names the entry of the archive that holds its storage
   * @param type the number format
   * @param offset where the tensor begins in the storage, in elements
   * @param shape the dimensions; the elements lie in row-major order without gaps
   */
  record Tensor(String key, ElementType type, long offset, Shape shape) {}

  private TensorPickle(byte[] code) {
    this.code = ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Reads a pickle.
   *
   * @param code its bytes
   * @return the tensors by name, in order
   * @throws IllegalArgumentException if it holds anything else; the message says what
   */
  static Map<String, Tensor> read(byte[] code) {
    try {
      return tensors(new TensorPickle(code).run());
    } catch (BufferUnderflowException | NoSuchElementException e) {
      throw new IllegalArgumentException("it ends in the middle", e);
    } catch (ClassCastException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("it is not built as torch.save builds it", e);
    }
  }

  private static Map<String, Tensor> tensors(Object root) {
    if (!(root instanceof Map<?, ?> map)) {
      throw new IllegalArgumentException("it holds no table of tensors by name");
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    map.forEach(
        (name, value) -> {
          if (!(value instanceof Tensor tensor)) {
            throw new IllegalArgumentException("under '" + name + "' it holds no tensor");
          }
          tensors.put((String) name, tensor);
        });
    return tensors;
  }

  private Object run() {
    while (true) {
      int instruction = code.get() & 0xff;
      if (instruction == '.') {
        return stack.pop();
      }
      step(instruction);
    }
  }

  private void step(int instruction) {
    switch (instruction) {
      case 0x80 -> code.get(); // PROTO
      case '(' -> stack.push(MARK);
      case 'N' -> stack.push(NONE);
      case 0x88, 0x89 -> stack.push(instruction == 0x88);
      case 'K' -> stack.push((long) (code.get() & 0xff));
      case 'M' -> stack.push((long) (code.getShort() & 0xffff));
      case 'J' -> stack.push((long) code.getInt());
      case 0x8a -> stack.push(longInteger(code.get() & 0xff));
      case 'X' -> stack.push(text(code.getInt()));
      case 'c' -> stack.push(new Name(line() + " " + line()));
      case 'q' -> memo.put(code.get() & 0xff, stack.element());
      case 'r' -> memo.put(code.getInt(), stack.element());
      case 'h' -> stack.push(remembered(code.get() & 0xff));
      case 'j' -> stack.push(remembered(code.getInt()));
      case 'Q' -> stack.push(storage((List<?>) stack.pop()));
      case 'R' -> {
        List<?> arguments = (List<?>) stack.pop();
        stack.push(call((Name) stack.pop(), arguments));
      }
      default -> collect(instruction);
    }
  }

  private void collect(int instruction) {
    switch (instruction) {
      case '}' -> stack.push(new LinkedHashMap<>());
      case ']', ')' -> stack.push(List.of());
      case 't' -> stack.push(sinceMark());
      case 0x85, 0x86, 0x87 -> stack.push(last(instruction - 0x84));
      case 's' -> put(last(2));
      case 'u' -> put(sinceMark());
      case 'b' -> stack.pop(); // a dictionary's attributes, which are no tensors
      default ->
          throw new IllegalArgumentException(
              "it has the instruction 0x%02x, which tensors do not need".formatted(instruction));
    }
  }

  private List<Object> last(int count) {
    List<Object> items = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      items.add(0, stack.pop());
    }
    return items;
  }

  private List<Object> sinceMark() {
    Deque<Object> items = new ArrayDeque<>();
    for (Object item = stack.pop(); item != MARK; item = stack.pop()) {
      items.push(item);
    }
    return new ArrayList<>(items);
  }

  private void put(List<Object> keysAndValues) {
    @SuppressWarnings("unchecked") // only this reader makes maps, and with such keys alone
    Map<String, Object> map = (Map<String, Object>) stack.element();
    for (int i = 0; i < keysAndValues.size(); i += 2) {
      map.put((String) keysAndValues.get(i), keysAndValues.get(i + 1));
    }
  }

  private Object remembered(int place) {
    Object value = memo.get(place);
    if (value == null) {
      throw new IllegalArgumentException("it is not built as torch.save builds it");
    }
    return value;
  }

  private static Storage storage(List<?> id) {
    ElementType type = STORAGES.get(((Name) id.get(1)).words());
    if (!"storage".equals(id.get(0)) || type == null) {
      throw new IllegalArgumentException(
          "it holds numbers of a kind that is not read: " + ((Name) id.get(1)).words());
    }
    return new Storage((String) id.get(2), type);
  }

  private static Object call(Name name, List<?> arguments) {
    return switch (name.words()) {
      case DICTIONARY -> new LinkedHashMap<>();
      case PARAMETER -> (Tensor) arguments.get(0);
      case TENSOR ->
          tensor(
              (Storage) arguments.get(0),
              (Long) arguments.get(1),
              (List<?>) arguments.get(2),
              (List<?>) arguments.get(3));
      default ->
          throw new IllegalArgumentException(
              "it calls Python's '"
                  + name.words().replace(' ', '.')
                  + "', which tensors do not need; nothing was called");
    };
  }

  private static Tensor tensor(Storage storage, long offset, List<?> sizes, List<?> strides) {
    long[] shape = sizes.stream().mapToLong(size -> (Long) size).toArray();
    long expected = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      if (shape[i] < 0 || (shape[i] > 1 && (Long) strides.get(i) != expected)) {
        throw new IllegalArgumentException(
            "it holds a tensor whose elements do not lie one after another; call .contiguous() on"
                + " it before it is saved");
      }
      expected = Math.multiplyExact(expected, Math.max(1, shape[i]));
    }
    return new Tensor(storage.key(), storage.type(), offset, new Shape(shape));
  }

  /** A whole number of at most eight bytes, the lowest first. */
  private long longInteger(int bytes) {
    if (bytes > Long.BYTES) {
      throw new IllegalArgumentException("it has a number of more than 64 bits");
    }
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      long digit = i == bytes - 1 ? code.get() : code.get() & 0xff;
      value |= digit << (8 * i);
    }
    return value;
  }

  private String text(int length) {
    if (length < 0 || length > code.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    code.get(bytes);
    return new String(bytes, UTF_8);
  }

  private String line() {
    int start = code.position();
    while (code.get() != '\n') {
      // to the end of the line
    }
    return new String(code.array(), start, code.position() - 1 - start, UTF_8);
  }
}
