package org.longlora4j.core.report;

import java.util.List;

/**
 * Figures for those who want to read them, or cannot see a chart.
 *
 * @param title the caption
 * @param columns their heads
 * @param rows the cells of each, as text
 */
record Table(String title, List<String> columns, List<List<String>> rows) {}
