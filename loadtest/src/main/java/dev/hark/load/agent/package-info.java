/**
 * Several generator processes that make one run: agents that wait for work, and the controller that shares
 * it out and adds up what they found.
 *
 * <p>One thread per connection reads; runs are conducted as without agents. {@link dev.hark.load.agent.AgentServer} is an agent's door,
 * {@link dev.hark.load.agent.AgentsRun} the controller.
 */
@NullMarked
package dev.hark.load.agent;

import org.jspecify.annotations.NullMarked;
