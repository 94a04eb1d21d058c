/** The families of models that the framework itself knows. */
package org.longlora4j.core.model.family;
