/** Document sources beyond plain text files. */
package org.longlora4j.plugin.datasets;
