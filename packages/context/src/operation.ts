import { publish } from './channel.ts'
import { isPartywallError } from './partywall-error.ts'
import { currentScope, runInScope } from './scope.ts'

/** What a process does for somebody outside: the unit that shares and rates are counted in. */
export interface Operation {
  readonly kind: 'request' | 'job'
  /** The HTTP method, or `JOB`. */
  readonly method: string
  /**
   * The route pattern or the job's name, never a URL; `unmatched` where there is none.
   * Read lazily: a router knows the pattern only after the scope was opened.
   */
  readonly endpoint: string
}

export interface OperationInit {
  readonly kind: 'request' | 'job'
  /** @defaultValue `'JOB'` for a job */
  readonly method?: string | undefined
  readonly endpoint: string | (() => string | undefined)
}

/** How an operation ended. */
export interface OperationOutcome {
  /** The HTTP status, where there is one. */
  readonly status?: number
  /** A request answered with 5xx, a job that threw. */
  readonly failed: boolean
  /** The code of the refusal, if it was refused. */
  readonly code?: string
}

/** An operation that has begun. It ends once; later calls of `end` do nothing. */
export interface RunningOperation {
  readonly operation: Operation
  /** Runs `work` inside the operation, keeping the tenant of the scope around it. */
  run<Result>(work: () => Result): Result
  end(outcome: OperationOutcome): void
}

/** Begins an operation whose end is not the end of a function, such as a response. */
export function startOperation(init: OperationInit): RunningOperation {
  const operation = describe(init)
  const startedAt = performance.now()
  let running = true
  publish({ type: 'operation_started', operation })
  return {
    operation,
    run(work) {
      const scope = currentScope()
      return runInScope({ tenant: scope?.tenant, system: scope?.system, operation }, work)
    },
    end(outcome) {
      if (!running) return
      running = false
      publish({
        type: 'operation_ended',
        operation,
        outcome,
        durationMs: performance.now() - startedAt,
      })
    },
  }
}

/** Runs a job as an operation: it fails when `work` throws or rejects, and the error goes on. */
export async function runJob<Result>(
  name: string,
  work: () => Result | Promise<Result>,
): Promise<Result> {
  const job = startOperation({ kind: 'job', endpoint: name })
  try {
    const result = await job.run(work)
    job.end({ failed: false })
    return result
  } catch (error) {
    job.end(isPartywallError(error) ? { failed: true, code: error.code } : { failed: true })
    throw error
  }
}

/** The operation of the running work, if it is part of one. */
export function currentOperation(): Operation | undefined {
  return currentScope()?.operation
}

function describe({ kind, method = 'JOB', endpoint }: OperationInit): Operation {
  return Object.freeze({
    kind,
    method,
    get endpoint(): string {
      return (typeof endpoint === 'function' ? endpoint() : endpoint) ?? 'unmatched'
    },
  })
}
