/** The page that tells a run: {@code report.html}, made from the files of its directory alone. */
package org.longlora4j.core.report;
