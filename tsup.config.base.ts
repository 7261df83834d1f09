import { defineConfig, type Options } from 'tsup'

/** Builds the JavaScript of a package; `tsc` emits its declarations. */
export function preset(options: Options): ReturnType<typeof defineConfig> {
  return defineConfig({
    format: 'esm',
    target: 'node20',
    platform: 'node',
    dts: false,
    sourcemap: true,
    clean: true,
    splitting: true,
    ...options,
  })
}
