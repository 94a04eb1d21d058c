/** What all parts of the framework are watched with. */
package org.longlora4j.core;
