/** DJL's engine as the framework uses it: kernels, gradients, tensor files. */
package org.longlora4j.core.tensor;
