/** Ways to stretch rotary positions to a new context length, by name in a recipe. */
package org.longlora4j.plugin.position;
