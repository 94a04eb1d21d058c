/** TensorBoard's event files, written without TensorBoard. */
package org.longlora4j.core.tensorboard;
