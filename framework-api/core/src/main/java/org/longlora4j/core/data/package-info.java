/** From documents to rows of tokens. */
package org.longlora4j.core.data;
