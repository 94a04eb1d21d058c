/** Measures models, always with dense attention: the form in which they are used. */
package org.longlora4j.core.evaluate;
