import type { Database } from '../service/database.ts'
import type { Route } from '../service/handler.ts'

/** The kinds of leak that are planted, each in a file of its own. */
export const leakKinds = [
  'forgotten-where',
  'where-under-or',
  'join-one-side',
  'raw-sql-report',
  'count-without-tenant',
  'update-by-id',
  'delete-through-subquery',
  'insert-foreign-tenant',
  'in-list',
  'background-job',
  'relation-without-tenant',
  'admin-query-tenant',
  'upsert-global-key',
] as const
export type LeakKind = (typeof leakKinds)[number]

/** What is known of a leak, whichever version of the code is running. */
interface PlantedLeak {
  readonly kind: LeakKind
  /** The model whose rows leak. */
  readonly model: string
  readonly severity: 'CRITICAL' | 'HIGH' | 'MEDIUM'
  /** What the walls must call it. */
  readonly violation: ViolationKind
  /** Other relations that the same statement leaves open: each is one more violation. */
  readonly beside?: readonly OpenRelation[]
}

/** No tenant on the statement's first relation, or on one that is joined or nested to it. */
export type ViolationKind = 'missing_tenant_id' | 'missing_relation_filter'

export interface OpenRelation {
  readonly model: string
  readonly violation: ViolationKind
}

/** A leak at an endpoint. */
export interface RouteLeak extends PlantedLeak {
  readonly method: Route['method']
  readonly path: string
}

/** What a background job is asked to do. */
export interface JobOrder {
  readonly tenantId: string
  readonly argument: string
}

export type Job = (database: Database, order: JobOrder) => Promise<unknown>

/** A leak in a background job. */
export interface JobLeak extends PlantedLeak {
  readonly job: string
}

export type Leak = RouteLeak | JobLeak
