import type { RegistryProblem } from './registry-error.ts'

/** A step into a document: a key or an index. */
export type PathStep = string | number

/** Where something stands in a file. Both count from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** One tenant as its source wrote it: plain data that nobody has checked. */
export interface TenantDocument {
  /** The file's name inside its folder. */
  readonly file?: string
  readonly value: unknown
  /** Where the field stands, or the innermost one around it that exists. */
  readonly locate?: (path: readonly PathStep[]) => Position
}

/** What a source found. With any problem, none of the documents is used. */
export interface SourceReading {
  readonly documents: readonly TenantDocument[]
  readonly problems: readonly RegistryProblem[]
  /** What was read, as a fingerprint: while it stays the same, the set does. */
  readonly revision?: string
}

/** Where tenants come from. */
export interface RegistrySource {
  /** Reads the whole set. What it throws or rejects with counts as one problem. */
  read(): Promise<SourceReading>
  /**
   * Calls `changed` whenever the set may be another one than that of the revision last read, until
   * the returned function is called.
   */
  watch?(changed: () => Promise<void>, lastRead: () => string | undefined): () => void
}
