/** What the journey tells an instance of the service. */
export type ToInstance =
  | { readonly type: 'clock'; readonly now: number }
  | {
      readonly type: 'job'
      readonly id: number
      readonly name: string
      readonly tenantId: string
      readonly argument: string
    }
  | { readonly type: 'flush' }
  | { readonly type: 'drain' }

/** What an instance tells the journey. */
export type FromInstance =
  | { readonly type: 'ready'; readonly port: number }
  | { readonly type: 'clock'; readonly now: number }
  | { readonly type: 'flushed' }
  | {
      readonly type: 'job'
      readonly id: number
      readonly outcome:
        | { readonly ok: true; readonly result: unknown }
        | { readonly ok: false; readonly code: string }
    }

/** What an instance is started with, through its environment. */
export interface InstanceSettings {
  readonly instance: string
  readonly release: string
  /** `none`: the service as it was found; `guard-off`: everything but the guard; else all walls. */
  readonly walls: 'none' | 'guard-off' | 'all'
  readonly mended: readonly string[]
  readonly databaseUrl: string
  /** The pair that tokens are signed and verified with, as PEM. */
  readonly tokenKeys: { readonly privateKey: string; readonly publicKey: string }
  readonly now: number
  readonly stateFolder: string
  readonly flagFile: string
  readonly violationLog: string
  readonly aggregates: string
}
