// What the README's example uses of the client that its reader generates; the test generates it.
declare module '*/generated/prisma/client.ts' {
  import type { SqlDriverAdapterFactory } from '@prisma/client/runtime/client'

  export class PrismaClient {
    constructor(options: { readonly adapter: SqlDriverAdapterFactory })
    readonly invoice: {
      findMany(args?: object): Promise<unknown>
    }
    $extends<Extended>(extension: (client: this) => Extended): Extended
    $disconnect(): Promise<void>
  }
}
