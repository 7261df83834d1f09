/**
 * Functions that compute from their arguments, the clock or randomness alone. What reads tables by
 * name, runs SQL from a text, or touches state that tenants share is not among them.
 */
const scalars = `
abs acos acosd acosh age array_append array_cat array_dims array_fill array_length array_lower
array_ndims array_position array_positions array_prepend array_remove array_replace array_reverse
array_sample array_shuffle array_sort array_to_json array_to_string array_upper ascii asin asind
asinh atan atan2 atan2d atand atanh bit_count bit_length btrim cardinality casefold cbrt
ceil ceiling char_length character_length chr clock_timestamp concat concat_ws convert convert_from
convert_to cos cosd cosh cot cotd crc32 crc32c date date_add date_bin date_part date_subtract
date_trunc decode degrees div encode erf erfc exp extract factorial family float4 float8 floor
format gamma gcd gen_random_uuid get_bit get_byte host hostmask inet_merge inet_same_family initcap version current_database current_schema pg_typeof
int2 int4 int8 isempty isfinite json_array_length json_build_array json_build_object
json_extract_path json_extract_path_text json_object json_strip_nulls json_typeof jsonb_array_length
jsonb_build_array jsonb_build_object jsonb_extract_path
jsonb_extract_path_text jsonb_insert jsonb_object jsonb_path_exists jsonb_path_match
jsonb_path_query_array jsonb_path_query_first jsonb_pretty jsonb_set jsonb_set_lax jsonb_strip_nulls
jsonb_typeof justify_days justify_hours justify_interval lcm left length lgamma like_escape ln log
log10 lower lower_inc lower_inf lpad ltrim make_date make_interval make_time make_timestamp
make_timestamptz masklen md5 min_scale mod multirange netmask network normalize now num_nonnulls
num_nulls numeric numnode octet_length overlaps overlay parse_ident phraseto_tsquery pi
plainto_tsquery position pow power querytree quote_ident quote_literal quote_nullable radians random
random_normal range_merge regexp_count regexp_instr regexp_like regexp_match regexp_replace
regexp_split_to_array regexp_substr repeat replace reverse right round row_to_json rpad rtrim scale
set_bit set_byte set_masklen setweight sha224 sha256 sha384 sha512 sign sin sind sinh split_part
sqrt starts_with statement_timestamp string_to_array strip strpos substr substring tan tand tanh
text timeofday timezone to_ascii to_bin to_char to_date to_hex to_json to_jsonb to_number to_oct
to_timestamp to_tsquery to_tsvector transaction_timestamp translate trim_array trim_scale trunc
ts_filter ts_headline ts_rank ts_rank_cd unistr upper upper_inc upper_inf
uuid_extract_timestamp uuid_extract_version uuidv4 uuidv7 varchar websearch_to_tsquery width_bucket
int4range int8range numrange tsrange tstzrange daterange int4multirange int8multirange nummultirange
tsmultirange tstzmultirange datemultirange similar_to_escape
abbrev area bool bound_box box broadcast center circle diagonal diameter enum_first enum_last enum_range
height is_normalized isclosed isopen jsonb_path_exists_tz jsonb_path_match_tz jsonb_path_query_array_tz
jsonb_path_query_first_tz line lseg npoints path pclose pg_size_pretty point polygon popen radius slope ts_delete
tsquery_phrase width`

/** Functions that give rows. */
const setReturning = `
generate_series generate_subscripts json_array_elements json_array_elements_text json_each
json_each_text json_object_keys json_to_record json_to_recordset jsonb_array_elements
jsonb_array_elements_text jsonb_each jsonb_each_text jsonb_object_keys jsonb_path_query
jsonb_path_query_tz
jsonb_to_record jsonb_to_recordset regexp_matches regexp_split_to_table string_to_table
tsvector_to_array unnest`

/** The columns of functions that give rows of several, or of one under a name of its own. */
export const setColumns: ReadonlyMap<string, readonly string[]> = new Map(
  ['json', 'jsonb'].flatMap((type): (readonly [string, readonly string[]])[] => [
    [`${type}_array_elements`, ['value']],
    [`${type}_array_elements_text`, ['value']],
    [`${type}_each`, ['key', 'value']],
    [`${type}_each_text`, ['key', 'value']],
  ]),
)

const aggregateNames = `
any_value array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count covar_pop covar_samp
every json_agg json_agg_strict json_object_agg json_object_agg_strict json_object_agg_unique
json_object_agg_unique_strict jsonb_agg jsonb_agg_strict jsonb_object_agg jsonb_object_agg_strict
jsonb_object_agg_unique jsonb_object_agg_unique_strict max min mode percentile_cont percentile_disc
range_agg range_intersect_agg regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope
regr_sxx regr_sxy regr_syy stddev stddev_pop stddev_samp string_agg sum var_pop var_samp variance`

const windowNames = `
cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number`

const functions = wordsOf(scalars + setReturning)
const aggregates = wordsOf(aggregateNames)
const windows = wordsOf(windowNames)
/** These are windows, and with WITHIN GROUP aggregates. */
const hypothetical = wordsOf('rank dense_rank percent_rank cume_dist')

const rowFunctions = wordsOf(setReturning)

/** Whether a function of this name gives rows, of one column where `setColumns` says nothing else. */
export function givesRows(name: string): boolean {
  return rowFunctions.has(name)
}

export type FunctionKind = 'plain' | 'aggregate' | 'window'

/** What a function of this name is, `undefined` where it is not known to be harmless. */
export function functionKind(name: string, withinGroup: boolean): FunctionKind | undefined {
  if (aggregates.has(name) || (withinGroup && hypothetical.has(name))) return 'aggregate'
  if (windows.has(name)) return 'window'
  return functions.has(name) ? 'plain' : undefined
}

/**
 * What the server may compute by itself beside those: numbers of sequences, and what the session that
 * runs the statement says of itself. Which numbers others were given is not claimed to be hidden.
 */
const storedFunctions = wordsOf('nextval current_setting pg_has_role inet_client_addr')

/**
 * What such a function is in the place of code that is stored in the database. Numbers that others have
 * taken, too, decide no condition.
 */
export function storedFunctionKind(
  name: string,
  stored: 'value' | 'condition',
): FunctionKind | undefined {
  const isKnown = storedFunctions.has(name) && !(stored === 'condition' && name === 'nextval')
  return isKnown ? 'plain' : undefined
}

const operators = wordsOf(
  '= <> != < > <= >= + - * / % ^ |/ ||/ @ & | # ~ << >> || ~* !~ !~* ~~ ~~* !~~ !~~* -> ->> #> ' +
    '#>> @> <@ ? ?| ?& #- @? @@ && &< &> -|- ^@ ~=  <-> <<= >>= &&& |>> <<| ~<=~ ~<~ ~>=~ ~>~ ' +
    '!! @@@ ## @-@ ?- ?# ?-| ?|| <^ >^ &<| |&>',
)

export function isBuiltinOperator(name: string): boolean {
  return operators.has(name)
}

// What only the grammar has (integer, boolean …) it writes as one of these; in quotes it is somebody's own.
const types = wordsOf(`
bool int2 int4 int8 float4 float8 numeric money text
varchar bpchar char name uuid json jsonb jsonpath bytea date time timetz timestamp timestamptz
interval bit varbit inet cidr macaddr macaddr8 point line lseg box path polygon circle tsvector
tsquery regconfig int4range int8range numrange tsrange tstzrange daterange int4multirange int8multirange
nummultirange tsmultirange tstzmultirange datemultirange`)

export function isBuiltinType(name: string): boolean {
  return types.has(name)
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/))
}
