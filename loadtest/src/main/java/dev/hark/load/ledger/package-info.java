/**
 * The truth about a run: what was due when, what was published, and what every subscriber owes and got.
 *
 * <p>Knows no socket. The publisher's thread writes {@link dev.hark.load.ledger.Publications}, each reader thread its own
 * {@link dev.hark.load.ledger.Receipts}; {@link dev.hark.load.ledger.Audit} reads both after they have stopped.
 */
@NullMarked
package dev.hark.load.ledger;

import org.jspecify.annotations.NullMarked;
