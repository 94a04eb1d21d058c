/** Carries studies out: trains and measures one cell after another, and goes on where it ended. */
package org.longlora4j.core.study;
