// The workspace's scripts are plain JavaScript, so that Node runs them before anything is installed.
declare module '*/scripts/claims.mjs' {
  export interface Claim {
    readonly file: string
    readonly title: string
    readonly kind: 'behaviour' | 'data' | 'procedure'
    readonly numbers: readonly number[]
    readonly mutations: readonly { readonly find?: string; readonly replacement?: string }[]
  }
  interface TestFile {
    readonly name: string
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[]
  }
  export function readClaims(root: string): readonly Claim[]
  export function readMutations(
    root: string,
  ): readonly { readonly claim: Claim; readonly mutation: Claim['mutations'][number] }[]
  export function outcomeOf(
    testResults: readonly TestFile[],
    root: string,
    claim: Pick<Claim, 'file' | 'title'>,
  ): 'passed' | 'failed' | 'did not run'
}

declare module '*/scripts/requirements.mjs' {
  interface Requirement {
    readonly number: number
    readonly document: string
    readonly text: string
  }
  interface Report {
    readonly testResults: readonly {
      readonly name: string
      readonly assertionResults: readonly { readonly title: string; readonly status: string }[]
    }[]
  }
  type Claims = ReturnType<typeof import('../scripts/claims.mjs').readClaims>
  export function tableOf(requirements: readonly Requirement[], claims: Claims): string
  export function staticProblems(root: string): readonly string[]
  export function unproven(root: string, claims: Claims, report: Report): readonly string[]
}

declare module '*/scripts/owned-processes.mjs' {
  export function ownProcesses(): {
    run(
      command: string,
      args: readonly string[],
      options?: { readonly onOutput?: (chunk: Buffer) => void },
    ): Promise<number>
    end(): Promise<void>
  }
}

declare module '*/scripts/built-once.mjs' {
  export function builtOnce(
    root: string,
    folder: string,
  ): { readonly isCurrent: () => boolean; readonly note: () => void }
}

declare module '*/scripts/quiet-step.mjs' {
  type Run = ReturnType<typeof import('../scripts/owned-processes.mjs').ownProcesses>['run']
  export function quietStep(
    run: Run,
    step: {
      readonly command: string
      readonly args: readonly string[]
      readonly say: (line: string) => void
      readonly show: (output: string) => void
    },
  ): Promise<number>
}

declare module '*/scripts/faults.mjs' {
  interface Fault {
    readonly row: string
    readonly file: string
    readonly title: string
  }
  interface Seen {
    readonly testResults: readonly {
      readonly name: string
      readonly assertionResults: readonly {
        readonly ancestorTitles: readonly string[]
        readonly title: string
        readonly status: string
      }[]
    }[]
  }
  export function readFaults(page: string): readonly Fault[]
  export function withoutTest(root: string, faults: readonly Fault[]): readonly string[]
  export function withoutProof(
    root: string,
    faults: readonly Fault[],
    report: Seen,
  ): readonly string[]
}

declare module '*/scripts/run-folder.mjs' {
  export function makeRunFolder(parent: string, mark: string): string
}

declare module '*/scripts/binaries.mjs' {
  export const binaryFolder: string
  export function findBinary(name: string, path?: string): string | undefined
}
