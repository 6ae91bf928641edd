/** Where a run tells what it does. Texts may come from the wire: each front end's log makes them harmless. */
export interface Log {
  /** Begins a group. Groups do not nest. */
  begin(title: string): void
  end(): void
  info(text: string): void
  notice(text: string): void
  warning(text: string): void
  error(text: string): void
  /** Shown if debug logging is on: a line for each request. */
  debug(text: string): void
}
