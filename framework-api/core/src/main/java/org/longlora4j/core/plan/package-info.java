/** What a run will take in memory and arithmetic, worked out before anything is loaded. */
package org.longlora4j.core.plan;
