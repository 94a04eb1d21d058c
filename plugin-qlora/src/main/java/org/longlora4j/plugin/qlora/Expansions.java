package org.longlora4j.plugin.qlora;

import ai.djl.Device;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.Kernels;

/** Chooses how weights are expanded: in Java on the CPU, by a kernel anywhere else. */
final class Expansions {
  private final KernelCompiler compiler;

  Expansions(KernelCompiler compiler) {
    this.compiler = compiler;
  }

  Expansion<FourBitWeight> fourBit(Device device) {
    return device.equals(Device.cpu()) ? new MemoryExpansion() : new KernelExpansion(kernels());
  }

  Expansion<Int8Weight> int8(Device device) {
    return device.equals(Device.cpu())
        ? new Int8MemoryExpansion()
        : new Int8KernelExpansion(kernels());
  }

  Kernels kernels() {
    return compiler.compile(Expansions.class, "dequantize.py");
  }
}
