/**
 * Contract tests for plugins: an author extends one, says what a recipe would say, and inherits the
 * cases.
 *
 * <pre>{@code
 * class MyAttentionTest extends AttentionPatternContract {
 *   @Override
 *   protected String section() {
 *     return "{ use: my-attention, window: 8 }";
 *   }
 * }
 * }</pre>
 */
package org.longlora4j.kit;
