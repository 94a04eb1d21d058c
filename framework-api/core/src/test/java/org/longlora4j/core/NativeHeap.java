package org.longlora4j.core;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Structure;
import java.util.OptionalLong;

/** What native code holds, to the byte: glibc's own account of its heaps. */
public final class NativeHeap {
  private NativeHeap() {}

  /** The result of glibc's {@code mallinfo2}. */
  @Structure.FieldOrder({
    "arena",
    "ordblks",
    "smblks",
    "hblks",
    "hblkhd",
    "usmblks",
    "fsmblks",
    "uordblks",
    "fordblks",
    "keepcost"
  })
  public static final class Account extends Structure implements Structure.ByValue {
    public long arena;
    public long ordblks;
    public long smblks;
    public long hblks;
    public long hblkhd;
    public long usmblks;
    public long fsmblks;
    public long uordblks;
    public long fordblks;
    public long keepcost;
  }

  /**
   * Bytes that were asked for and not yet given back; empty where there is no glibc of 2.33 or
   * later. Resident memory would tell less: freed blocks stay mapped as glibc sees fit.
   */
  public static OptionalLong bytesInUse() {
    Function mallinfo2;
    try {
      mallinfo2 = NativeLibrary.getInstance("c").getFunction("mallinfo2");
    } catch (UnsatisfiedLinkError e) {
      return OptionalLong.empty();
    }
    Account account = (Account) mallinfo2.invoke(Account.class, new Object[] {});
    return OptionalLong.of(account.uordblks + account.hblkhd);
  }
}
