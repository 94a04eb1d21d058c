package org.longlora4j.api.data;

import static java.util.Objects.requireNonNull;

/**
 * What one side of a conversation says.
 *
 * @param role {@link #SYSTEM}, {@link #USER}, {@link #ASSISTANT}, or another that a chat template
 *     knows
 * @param content what is said
 */
public record ChatMessage(String role, String content) {
  /** Who says how the assistant is to behave. */
  public static final String SYSTEM = "system";

  /** Who asks. */
  public static final String USER = "user";

  /** Who answers: the model. */
  public static final String ASSISTANT = "assistant";

  /** Requires both parts. */
  public ChatMessage {
    requireNonNull(role, "role is null");
    requireNonNull(content, "content is null");
  }

  /** Whether the model says it. */
  public boolean isAssistants() {
    return role.equals(ASSISTANT);
  }
}
