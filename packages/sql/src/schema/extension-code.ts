import type { CatalogueRoutine } from './catalogue.ts'

/** What an extension brings that computes from its arguments alone; what it has beside that is not named. */
interface ExtensionCode {
  readonly functions: ReadonlySet<string>
  readonly operators: ReadonlySet<string>
  readonly types: ReadonlySet<string>
}

export type CodeKind = CatalogueRoutine['kind'] | 'type'

const codeOf: ReadonlyMap<string, ExtensionCode> = new Map([
  ['citext', code({ types: 'citext' })],
  [
    'cube',
    code({
      functions:
        'cube cube_coord cube_dim cube_distance cube_enlarge cube_inter cube_is_point cube_ll_coord cube_size cube_subset cube_union cube_ur_coord',
      operators: '<#> <=> ~>',
      types: 'cube',
    }),
  ],
  [
    'earthdistance',
    code({
      functions:
        'earth earth_box earth_distance gc_to_sec latitude ll_to_earth longitude sec_to_gc',
      operators: '<@>',
      types: 'earth',
    }),
  ],
  [
    'fuzzystrmatch',
    code({
      functions:
        'difference dmetaphone dmetaphone_alt levenshtein levenshtein_less_equal metaphone soundex daitch_mokotoff',
    }),
  ],
  [
    'hstore',
    code({
      functions: `hstore akeys avals skeys svals each exist defined delete fetchval slice slice_array
        hstore_to_array hstore_to_json hstore_to_json_loose hstore_to_jsonb hstore_to_jsonb_loose
        hstore_to_matrix`,
      operators: '%% %#',
      types: 'hstore',
    }),
  ],
  [
    'intarray',
    code({
      functions: 'icount idx intset sort sort_asc sort_desc subarray uniq',
      types: 'query_int',
    }),
  ],
  [
    'ltree',
    code({
      functions: 'index lca ltree2text nlevel subltree subpath text2ltree',
      operators: '^@> ^<@ ^? ^~ ?@> ?<@ ?~ ?@',
      types: 'ltree lquery ltxtquery',
    }),
  ],
  [
    'pg_trgm',
    code({
      functions: 'similarity show_trgm word_similarity strict_word_similarity',
      operators: '<% %> <<% %>> <<-> <->> <<<-> <->>>',
    }),
  ],
  [
    'pgcrypto',
    code({
      functions: `armor crypt dearmor decrypt decrypt_iv digest encrypt encrypt_iv gen_random_bytes
        gen_salt hmac pgp_pub_decrypt pgp_pub_decrypt_bytea pgp_pub_encrypt pgp_pub_encrypt_bytea
        pgp_sym_decrypt pgp_sym_decrypt_bytea pgp_sym_encrypt pgp_sym_encrypt_bytea`,
    }),
  ],
  [
    'postgis',
    code({
      functions: `st_area st_asbinary st_asewkb st_asewkt st_asgeojson st_asgml st_askml st_asmvt st_asmvtgeom
        st_astext st_aswkb st_azimuth st_boundary st_buffer st_centroid st_closestpoint st_clusterdbscan
        st_clusterkmeans st_collect st_contains st_containsproperly st_convexhull st_coveredby st_covers
        st_crosses st_difference st_dimension st_disjoint st_distance st_distancesphere
        st_distancespheroid st_dwithin st_endpoint st_envelope st_equals st_expand st_extent st_force2d
        st_force3d st_generatepoints st_geogfromtext st_geohash st_geomfromewkb st_geomfromewkt
        st_geomfromgeojson st_geomfromtext st_geomfromwkb st_geometryn st_geometrytype
        st_interiorringn st_intersection st_intersects st_isclosed st_isempty st_issimple st_isvalid
        st_length st_length2d st_lengthspheroid st_linefromtext st_lineinterpolatepoint
        st_linelocatepoint st_linemerge st_linesubstring st_m st_makeenvelope st_makeline
        st_makepoint st_makepolygon st_makevalid st_maxdistance st_multi st_npoints st_numgeometries
        st_numpoints st_overlaps st_perimeter st_point st_pointfromtext st_pointn st_pointonsurface
        st_polygon st_project st_relate st_reverse st_rotate st_scale st_segmentize st_setsrid
        st_shortestline st_simplify st_simplifypreservetopology st_snaptogrid st_srid st_startpoint
        st_subdivide st_summary st_symdifference st_tileenvelope st_touches st_translate
        st_transform st_unaryunion st_union st_voronoipolygons st_within st_x st_xmax st_xmin st_y
        st_ymax st_ymin st_z geometrytype box2d box3d geometry geography`,
      operators: '&<| |&> &&& |=| <#> ~~=',
      types: 'geometry geography box2d box3d',
    }),
  ],
  ['unaccent', code({ functions: 'unaccent' })],
  [
    'uuid-ossp',
    code({
      functions:
        'uuid_generate_v3 uuid_generate_v4 uuid_generate_v5 uuid_nil uuid_ns_dns uuid_ns_url',
    }),
  ],
  [
    'vector',
    code({
      functions: `cosine_distance l2_distance l1_distance inner_product vector_dims vector_norm l2_norm
        l2_normalize subvector binary_quantize hamming_distance jaccard_distance`,
      operators: '<=> <#> <+> <~> <%>',
      types: 'vector halfvec sparsevec',
    }),
  ],
])

/** Whether one of these extensions brings this name, and it is known to be harmless. */
export function isExtensionCode(
  extensions: ReadonlySet<string>,
  kind: CodeKind,
  name: string,
): boolean {
  for (const extension of extensions) {
    if (codeOf.get(extension)?.[`${kind}s`].has(name) === true) return true
  }
  return false
}

function code(words: Partial<Record<keyof ExtensionCode, string>>): ExtensionCode {
  const setOf = (text = ''): ReadonlySet<string> =>
    new Set(text.split(/\s+/).filter((word) => word !== ''))
  return {
    functions: setOf(words.functions),
    operators: setOf(words.operators),
    types: setOf(words.types),
  }
}
