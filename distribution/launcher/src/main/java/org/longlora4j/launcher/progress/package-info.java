/** Shows a person how a training run goes. */
package org.longlora4j.launcher.progress;
