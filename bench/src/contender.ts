/** Selects a user of a tenant by primary key. */
export type Find = (tenantId: string, id: number) => Promise<readonly unknown[]>

/** One way to select, on a connection of its own. */
export interface Contender {
  readonly name: string
  /** The name of the same without a wall. */
  readonly beside?: string
  /** How much slower than that we promise to be at most. */
  readonly goal?: number
  readonly prepare: (url: string) => Promise<Find>
}
