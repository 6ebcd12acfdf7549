/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "files/html_entities.h"

#include <stdlib.h>
#include <string.h>

#define MAX_NAME 8
#define REPLACEMENT_CHARACTER 0xfffd

typedef struct {
  char name[MAX_NAME + 1];
  guint16 code;
} Entity;

/* Sorted by name, for bsearch(). */
static const Entity entities[] = {
    {"AElig", 0xc6},     {"AMP", 0x26},       {"Aacute", 0xc1},
    {"Acirc", 0xc2},     {"Agrave", 0xc0},    {"Alpha", 0x0391},
    {"Aring", 0xc5},     {"Atilde", 0xc3},    {"Auml", 0xc4},
    {"Beta", 0x0392},    {"COPY", 0xa9},      {"Ccedil", 0xc7},
    {"Chi", 0x03a7},     {"Dagger", 0x2021},  {"Delta", 0x0394},
    {"ETH", 0xd0},       {"Eacute", 0xc9},    {"Ecirc", 0xca},
    {"Egrave", 0xc8},    {"Epsilon", 0x0395}, {"Eta", 0x0397},
    {"Euml", 0xcb},      {"GT", 0x3e},        {"Gamma", 0x0393},
    {"Iacute", 0xcd},    {"Icirc", 0xce},     {"Igrave", 0xcc},
    {"Iota", 0x0399},    {"Iuml", 0xcf},      {"Kappa", 0x039a},
    {"LT", 0x3c},        {"Lambda", 0x039b},  {"Mu", 0x039c},
    {"Ntilde", 0xd1},    {"Nu", 0x039d},      {"OElig", 0x0152},
    {"Oacute", 0xd3},    {"Ocirc", 0xd4},     {"Ograve", 0xd2},
    {"Omega", 0x03a9},   {"Omicron", 0x039f}, {"Oslash", 0xd8},
    {"Otilde", 0xd5},    {"Ouml", 0xd6},      {"Phi", 0x03a6},
    {"Pi", 0x03a0},      {"Prime", 0x2033},   {"Psi", 0x03a8},
    {"QUOT", 0x22},      {"REG", 0xae},       {"Rho", 0x03a1},
    {"Scaron", 0x0160},  {"Sigma", 0x03a3},   {"THORN", 0xde},
    {"Tau", 0x03a4},     {"Theta", 0x0398},   {"Uacute", 0xda},
    {"Ucirc", 0xdb},     {"Ugrave", 0xd9},    {"Upsilon", 0x03a5},
    {"Uuml", 0xdc},      {"Xi", 0x039e},      {"Yacute", 0xdd},
    {"Yuml", 0x0178},    {"Zeta", 0x0396},    {"aacute", 0xe1},
    {"acirc", 0xe2},     {"acute", 0xb4},     {"aelig", 0xe6},
    {"agrave", 0xe0},    {"alefsym", 0x2135}, {"alpha", 0x03b1},
    {"amp", 0x26},       {"and", 0x2227},     {"ang", 0x2220},
    {"apos", 0x27},      {"aring", 0xe5},     {"asymp", 0x2248},
    {"atilde", 0xe3},    {"auml", 0xe4},      {"bdquo", 0x201e},
    {"beta", 0x03b2},    {"brvbar", 0xa6},    {"bull", 0x2022},
    {"cap", 0x2229},     {"ccedil", 0xe7},    {"cedil", 0xb8},
    {"cent", 0xa2},      {"chi", 0x03c7},     {"circ", 0x02c6},
    {"clubs", 0x2663},   {"cong", 0x2245},    {"copy", 0xa9},
    {"crarr", 0x21b5},   {"cup", 0x222a},     {"curren", 0xa4},
    {"dArr", 0x21d3},    {"dagger", 0x2020},  {"darr", 0x2193},
    {"deg", 0xb0},       {"delta", 0x03b4},   {"diams", 0x2666},
    {"divide", 0xf7},    {"eacute", 0xe9},    {"ecirc", 0xea},
    {"egrave", 0xe8},    {"empty", 0x2205},   {"emsp", 0x2003},
    {"ensp", 0x2002},    {"epsilon", 0x03b5}, {"equiv", 0x2261},
    {"eta", 0x03b7},     {"eth", 0xf0},       {"euml", 0xeb},
    {"euro", 0x20ac},    {"exist", 0x2203},   {"fnof", 0x0192},
    {"forall", 0x2200},  {"frac12", 0xbd},    {"frac14", 0xbc},
    {"frac34", 0xbe},    {"frasl", 0x2044},   {"gamma", 0x03b3},
    {"ge", 0x2265},      {"gt", 0x3e},        {"hArr", 0x21d4},
    {"harr", 0x2194},    {"hearts", 0x2665},  {"hellip", 0x2026},
    {"iacute", 0xed},    {"icirc", 0xee},     {"iexcl", 0xa1},
    {"igrave", 0xec},    {"image", 0x2111},   {"infin", 0x221e},
    {"int", 0x222b},     {"iota", 0x03b9},    {"iquest", 0xbf},
    {"isin", 0x2208},    {"iuml", 0xef},      {"kappa", 0x03ba},
    {"lArr", 0x21d0},    {"lambda", 0x03bb},  {"lang", 0x27e8},
    {"laquo", 0xab},     {"larr", 0x2190},    {"lceil", 0x2308},
    {"ldquo", 0x201c},   {"le", 0x2264},      {"lfloor", 0x230a},
    {"lowast", 0x2217},  {"loz", 0x25ca},     {"lrm", 0x200e},
    {"lsaquo", 0x2039},  {"lsquo", 0x2018},   {"lt", 0x3c},
    {"macr", 0xaf},      {"mdash", 0x2014},   {"micro", 0xb5},
    {"middot", 0xb7},    {"minus", 0x2212},   {"mu", 0x03bc},
    {"nabla", 0x2207},   {"nbsp", 0xa0},      {"ndash", 0x2013},
    {"ne", 0x2260},      {"ni", 0x220b},      {"not", 0xac},
    {"notin", 0x2209},   {"nsub", 0x2284},    {"ntilde", 0xf1},
    {"nu", 0x03bd},      {"oacute", 0xf3},    {"ocirc", 0xf4},
    {"oelig", 0x0153},   {"ograve", 0xf2},    {"oline", 0x203e},
    {"omega", 0x03c9},   {"omicron", 0x03bf}, {"oplus", 0x2295},
    {"or", 0x2228},      {"ordf", 0xaa},      {"ordm", 0xba},
    {"oslash", 0xf8},    {"otilde", 0xf5},    {"otimes", 0x2297},
    {"ouml", 0xf6},      {"para", 0xb6},      {"part", 0x2202},
    {"permil", 0x2030},  {"perp", 0x22a5},    {"phi", 0x03c6},
    {"pi", 0x03c0},      {"piv", 0x03d6},     {"plusmn", 0xb1},
    {"pound", 0xa3},     {"prime", 0x2032},   {"prod", 0x220f},
    {"prop", 0x221d},    {"psi", 0x03c8},     {"quot", 0x22},
    {"rArr", 0x21d2},    {"radic", 0x221a},   {"rang", 0x27e9},
    {"raquo", 0xbb},     {"rarr", 0x2192},    {"rceil", 0x2309},
    {"rdquo", 0x201d},   {"real", 0x211c},    {"reg", 0xae},
    {"rfloor", 0x230b},  {"rho", 0x03c1},     {"rlm", 0x200f},
    {"rsaquo", 0x203a},  {"rsquo", 0x2019},   {"sbquo", 0x201a},
    {"scaron", 0x0161},  {"sdot", 0x22c5},    {"sect", 0xa7},
    {"shy", 0xad},       {"sigma", 0x03c3},   {"sigmaf", 0x03c2},
    {"sim", 0x223c},     {"spades", 0x2660},  {"sub", 0x2282},
    {"sube", 0x2286},    {"sum", 0x2211},     {"sup", 0x2283},
    {"sup1", 0xb9},      {"sup2", 0xb2},      {"sup3", 0xb3},
    {"supe", 0x2287},    {"szlig", 0xdf},     {"tau", 0x03c4},
    {"there4", 0x2234},  {"theta", 0x03b8},   {"thetasym", 0x03d1},
    {"thinsp", 0x2009},  {"thorn", 0xfe},     {"tilde", 0x02dc},
    {"times", 0xd7},     {"trade", 0x2122},   {"uArr", 0x21d1},
    {"uacute", 0xfa},    {"uarr", 0x2191},    {"ucirc", 0xfb},
    {"ugrave", 0xf9},    {"uml", 0xa8},       {"upsih", 0x03d2},
    {"upsilon", 0x03c5}, {"uuml", 0xfc},      {"weierp", 0x2118},
    {"xi", 0x03be},      {"yacute", 0xfd},    {"yen", 0xa5},
    {"yuml", 0xff},      {"zeta", 0x03b6},    {"zwj", 0x200d},
    {"zwnj", 0x200c},
};

/* Meaning of the numbers 128 to 159: Windows-1252, where it has a character. */
static const guint16 windows_1252[] = {
    0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
    0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008d, 0x017d, 0x008f,
    0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
    0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178,
};

static int
compare_entity (const void *key, const void *entity)
{
  return strcmp (key, ((const Entity *)entity)->name);
}

/* The entity whose name is the first `length` bytes of text, or NULL. */
static const Entity *
find_entity (const char *text, gsize length)
{
  char name[MAX_NAME + 1] = {0};

  memcpy (name, text, length);
  return bsearch (name, entities, G_N_ELEMENTS (entities), sizeof (Entity),
                  compare_entity);
}

/* The semicolon is optional for the names of early HTML, which are those of
 * Latin-1 characters; "apos" is from XML. */
static gboolean
needs_semicolon (const Entity *entity)
{
  return entity->code > 0xff || entity->code == '\'';
}

/* Reads a name after '&'. Returns the position after it, or NULL if the name is
 * unknown. */
static const char *
replace_named (const char *name, GString *out)
{
  gsize length = 0;

  while (length <= MAX_NAME && g_ascii_isalnum (name[length]))
    length++;
  for (gsize n = MIN (length, MAX_NAME); n >= 2; n--) {
    const Entity *entity = find_entity (name, n);

    if (entity == NULL || (name[n] != ';' && needs_semicolon (entity)))
      continue;
    g_string_append_unichar (out, entity->code);
    return name + n + (name[n] == ';');
  }
  return NULL;
}

/* Control codes, and code points that Unicode reserves as noncharacters. */
static gboolean
is_noncharacter (guint32 code)
{
  return (code >= 0x01 && code <= 0x08) || code == 0x0b
         || (code >= 0x0e && code <= 0x1f) || code == 0x7f
         || (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) == 0xfffe;
}

static void
append_code (GString *out, guint32 code)
{
  if (code >= 0x80 && code < 0x80 + G_N_ELEMENTS (windows_1252))
    g_string_append_unichar (out, windows_1252[code - 0x80]);
  else if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    g_string_append_unichar (out, REPLACEMENT_CHARACTER);
  else if (!is_noncharacter (code))
    g_string_append_unichar (out, code);
}

/* Reads a number after "&#". Returns the position after it, or NULL if there
 * are no digits. */
static const char *
replace_number (const char *number, GString *out)
{
  const gboolean hex = *number == 'x' || *number == 'X';
  const char *digits = number + hex;
  const char *end = digits;
  guint32 code = 0;

  while (hex ? g_ascii_isxdigit (*end) : g_ascii_isdigit (*end)) {
    /* All numbers beyond Unicode have the same meaning, however long they are.
     */
    if (code <= 0x10ffff)
      code = code * (hex ? 16 : 10) + g_ascii_xdigit_value (*end);
    end++;
  }
  if (end == digits)
    return NULL;
  append_code (out, code);
  return end + (*end == ';');
}

char *
fe_html_unescape (const char *text)
{
  g_autoptr (GString) out = g_string_sized_new (strlen (text));
  const char *reference;

  while ((reference = strchr (text, '&')) != NULL) {
    g_string_append_len (out, text, reference - text);
    text = reference[1] == '#' ? replace_number (reference + 2, out)
                               : replace_named (reference + 1, out);
    if (text == NULL) {
      g_string_append_c (out, '&');
      text = reference + 1;
    }
  }
  g_string_append (out, text);
  return g_string_free (g_steal_pointer (&out), FALSE);
}
