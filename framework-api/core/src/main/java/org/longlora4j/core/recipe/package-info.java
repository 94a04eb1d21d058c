/** Turns a recipe file into validated records, and records back into a recipe. */
package org.longlora4j.core.recipe;
