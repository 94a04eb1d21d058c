/** Continues texts. */
package org.longlora4j.core.generate;
