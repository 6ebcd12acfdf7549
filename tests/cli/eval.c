/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* feclip eval: layouts, unusable files, and its output. */
#include <json-glib/json-glib.h>
#include <math.h>

#include "support/shell.h"

#define EVAL \
  "\"$FECLIP\" eval --model-file \"$DATA\"/model.safetensors " \
  "--adapter-file \"$DATA\"/adapter.safetensors "

/* Image N of the golden data as FILE. */
#define IMAGE \
  "image () { mkdir -p \"$(dirname \"$2\")\"; " \
  "cp \"$DATA/image$1.png\" \"$2\"; }; "

/* A white and black image as a mask: $1 width, $2 height, $3 file. Its lower
 * half is white. */
#define MASK \
  "mask () { mkdir -p \"$(dirname \"$3\")\"; { printf 'P5 %%d %%d 255\\n' $1 " \
  "$2; " \
  "head -c $(($1 * $2 / 2)) /dev/zero; " \
  "head -c $(($1 * $2 - $1 * $2 / 2)) /dev/zero | tr '\\0' '\\377'; } " \
  ">\"$3\"; " \
  "}; "

static JsonObject *
parse (JsonParser *parser, const Shell *run)
{
  g_autoptr (GError) error = NULL;

  json_parser_load_from_data (parser, run->out, -1, &error);
  g_assert_no_error (error);
  return json_node_get_object (json_parser_get_root (parser));
}

static double
get_number (JsonObject *object, const char *group, const char *name)
{
  JsonObject *numbers = json_object_get_object_member (object, group);

  if (json_object_get_null_member (numbers, name))
    return NAN;
  return json_object_get_double_member (numbers, name);
}

static void
test_usage (void)
{
  static const ShellFailure failures[] = {
      {"--model x", 2, "feclip eval: a data set's folder is missing"},
      {"one two --model x", 2, "\"two\" is one argument too many"},
      {"one --model x --json --csv", 2, "--json and --csv exclude each other"},
      {"one --model x --layout=coco", 2, "--layout: \"coco\" is not auto"},
      {"one --model x --pro-images=some", 2,
       "--pro-images: \"some\" is not all or defective"},
      {"one --worst=-1", 2, "--worst: -1 is not from 0 to 200"},
      {"one --model x --lambda=2", 2, "--lambda: \"2\" is not a number"},
  };

  shell_check_failures ("\"$FECLIP\" eval", failures, G_N_ELEMENTS (failures));
}

/* Each layout is recognized. */
static void
test_layouts (void)
{
  static const struct {
    const char *make;
    const char *lines;
  } cases[] = {
      {"image 0 p/train/good/0.png; image 1 p/test/good/0.png;"
       "image 2 p/test/crack/0.png; image 2 p/test/crack/1.png;"
       "image 2 p/ground_truth/crack/0_mask.png; image 0 q/test/dent/a.PNG;"
       "image 0 q/ground_truth/dent/a.bmp; mkdir unrelated",
       "layout mvtec, 4 images\n"
       "  p: 1 good, 2 defective, 1 masks\n"
       "  q: 0 good, 1 defective, 1 masks\n"},
      {"image 0 01/train/ok/0.png; image 1 01/test/ok/0.png;"
       "image 2 01/test/ko/0.png; image 2 01/ground_truth/ko/0.bmp",
       "layout btad, 2 images\n  01: 1 good, 1 defective, 1 masks\n"},
      {"image 0 pcb/Data/Images/Normal/0.JPG;"
       "image 0 pcb/Data/Images/Anomaly/0.JPG;"
       "image 0 pcb/Data/Masks/Anomaly/0.png",
       "layout visa, 2 images\n  pcb: 1 good, 1 defective, 1 masks\n"},
      {"mkdir split_csv; cat >split_csv/1cls.csv <<'END'\n"
       "object,split,label,image,mask\r\n"
       "pcb,train,normal,pcb/Data/Images/Normal/0.JPG,\r\n"
       "pcb,test,normal,pcb/Data/Images/Normal/1.JPG,\r\n"
       "fryum,test,anomaly,fryum/Data/Images/Anomaly/0.JPG,f/0.png\r\n"
       "END\n",
       "layout visa, 2 images\n"
       "  pcb: 1 good, 0 defective, 0 masks\n"
       "  fryum: 0 good, 1 defective, 1 masks\n"},
      {"image 0 good/0.png; image 1 broken/0.png; image 1 broken/b/1.png;"
       "image 2 bent/0.png; image 0 masks/broken/0.png;"
       "image 0 masks/0_mask.png; image 0 train/0.png",
       "layout folder, 4 images\n  set: 1 good, 3 defective, 2 masks\n"},
      {"image 0 a/0.png; image 1 1.png",
       "layout folder, 2 images\n  set: 2 unlabelled\n"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (Shell) run = shell_run (
        IMAGE "cd \"$DIR\" && rm -rf set && mkdir set && cd set && { %s\n} && "
              "cd .. && \"$FECLIP\" eval --list set",
        cases[i].make);
    g_autofree char *expected = g_strconcat ("set: ", cases[i].lines, NULL);

    assert_status (run, 0);
    g_assert_cmpstr (run->out, ==, expected);
  }
}

static void
test_wrong_layout (void)
{
  g_autoptr (Shell) layout =
      shell_run (IMAGE "cd \"$DIR\" && rm -rf set && image 0 set/good/0.png && "
                       "\"$FECLIP\" eval --list --layout=mvtec set");
  g_autoptr (Shell) category =
      shell_run ("cd \"$DIR\" && \"$FECLIP\" eval --list --categories=nut set");
  g_autoptr (Shell) none =
      shell_run ("cd \"$DIR\" && \"$FECLIP\" eval --list nowhere");

  assert_status (layout, 1);
  assert_contains (layout->err, "set: there are no test images in this "
                                "folder in the layout mvtec");
  assert_status (category, 2);
  assert_contains (category->err,
                   "--categories: set has no test images of a category "
                   "\"nut\"");
  assert_status (none, 1);
  assert_contains (none->err, "nowhere: there is no such folder");
}

/* The numbers agree with the scores of `feclip score`. */
static void
test_scores (void)
{
  g_autoptr (Shell) run = shell_run (
      IMAGE MASK "cd \"$DIR\" && rm -rf set && image 0 set/good/0.png && "
                 "image 1 set/good/1.png && image 2 set/bad/2.png && "
                 "image 3 set/bad/3.png && mask 112 112 set/masks/2.pgm && "
                 "mask 97 60 set/masks/3.pgm && " EVAL "set --json --exact");
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *object, *category;

  assert_status (run, 0);
  g_assert_cmpstr (run->err, ==, "");
  object = parse (parser, run);
  g_assert_cmpint (json_object_get_int_member (object, "images"), ==, 4);
  g_assert_cmpint (json_object_get_int_member (object, "image_size"), ==, 112);
  g_assert_cmpfloat (json_object_get_double_member (object, "ranking_error"),
                     ==, 0);
  category = json_array_get_object_element (
      json_object_get_array_member (object, "categories"), 0);
  g_assert_cmpint (json_object_get_int_member (category, "good"), ==, 2);
  g_assert_cmpint (json_object_get_int_member (category, "defective"), ==, 2);
  g_assert_cmpint (json_object_get_int_member (category, "regions"), ==, 2);
  /* The golden scores are 0.4139 and 0.3819, 0.3872 and 0.3613. */
  g_assert_cmpfloat (get_number (category, "image", "auroc"), ==, 0.25);
  g_assert_cmpfloat_with_epsilon (get_number (category, "image", "threshold"),
                                  0.361285806, 1e-4);
  g_assert_cmpfloat (get_number (category, "pixel", "auroc"), >, 0);
  g_assert_cmpfloat (get_number (category, "pixel", "pro"), >=, 0);
  g_assert_cmpfloat (get_number (json_object_get_object_member (object, "mean"),
                                 "image", "auroc"),
                     ==, 0.25);
}

/* Each category has its own references; a test image among them has no
 * difference. */
static void
test_references (void)
{
  g_autoptr (Shell) run =
      shell_run (IMAGE "cd \"$DIR\" && rm -rf set && for c in a b; do "
                       "image 0 set/$c/train/good/0.png; "
                       "image 1 set/$c/train/good/1.png; "
                       "image 0 set/$c/test/good/0.png; "
                       "image 2 set/$c/test/bad/2.png; done; " EVAL
                       "set --json --references 1 --reference-score max");
  g_autoptr (Shell) few =
      shell_run ("cd \"$DIR\" && " EVAL "set --references 3");
  g_autoptr (Shell) usage = shell_run (EVAL "set --references=-1");
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *object;
  JsonArray *categories;

  assert_status (run, 0);
  object = parse (parser, run);
  g_assert_cmpint (json_object_get_int_member (object, "references"), ==, 1);
  g_assert_cmpstr (json_object_get_string_member (object, "reference_score"),
                   ==, "max");
  categories = json_object_get_array_member (object, "categories");
  for (guint i = 0; i < 2; i++) {
    JsonObject *category = json_array_get_object_element (categories, i);

    g_assert_cmpfloat (get_number (category, "image", "auroc"), ==, 1);
    g_assert_cmpfloat (get_number (category, "image", "threshold"), >, 1e-3);
  }
  assert_status (few, 2);
  assert_contains (few->err, "category \"a\" has 2 normal images");
  assert_status (usage, 2);
  assert_contains (usage->err, "--references: -1 is not from 0");
}

/* Each unusable file is named and counted; the others are evaluated. */
static void
test_bad_files (void)
{
  g_autoptr (Shell) run = shell_run (
      IMAGE MASK
      "cd \"$DIR\" && rm -rf set && image 0 set/test/good/0.png && "
      "for i in 0 1 2 3; do image $i set/test/bad/$i.png; done && "
      "echo none >set/test/bad/text.png && : >set/test/good/empty.png && "
      "head -c 900 \"$DATA\"/image0.png >set/test/good/cut.png && "
      "mask 64 64 set/ground_truth/bad/0_mask.pgm && "
      "mask 213 317 set/ground_truth/bad/1_mask.pgm && "
      "echo none >set/ground_truth/bad/2_mask.png && " EVAL "set --json");
  static const char *const messages[] = {
      "set/test/bad/text.png: ",
      "set/test/good/empty.png: ",
      "set/test/good/cut.png: ",
      "set/ground_truth/bad/0_mask.pgm: the mask has 64×64 pixels and its "
      "image 640×360",
      "set/ground_truth/bad/2_mask.png: ",
      "set/test/bad/3.png: there is no mask for this image",
      "3 of 8 images were not evaluated",
      "3 masks could not be used; the pixels of their images are not "
      "evaluated",
  };
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *object, *category;

  assert_status (run, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (messages); i++)
    assert_contains (run->err, messages[i]);
  object = parse (parser, run);
  g_assert_cmpint (json_object_get_int_member (object, "images"), ==, 5);
  g_assert_cmpint (json_object_get_int_member (object, "failed_images"), ==, 3);
  g_assert_cmpint (json_object_get_int_member (object, "unusable_masks"), ==,
                   3);
  category = json_array_get_object_element (
      json_object_get_array_member (object, "categories"), 0);
  g_assert_cmpint (json_object_get_int_member (category, "defective"), ==, 4);
  g_assert_cmpint (json_object_get_int_member (category, "regions"), ==, 1);
  g_assert_false (isnan (get_number (category, "pixel", "auroc")));
}

/* Without good images, masks or labels, the remaining numbers are printed. */
static void
test_incomplete (void)
{
  g_autoptr (Shell) unlabelled =
      shell_run (IMAGE "cd \"$DIR\" && rm -rf set && image 0 set/0.png && "
                       "image 1 set/1.png && " EVAL "set");
  g_autoptr (Shell) masks = shell_run (
      IMAGE MASK "cd \"$DIR\" && rm -rf set && image 2 set/test/bad/2.png "
                 "&& mask 112 112 set/ground_truth/bad/2.pgm && " EVAL "set");
  g_autoptr (Shell) labels = shell_run (
      IMAGE "cd \"$DIR\" && rm -rf set && image 2 set/test/bad/2.png "
            "&& image 1 set/test/good/2.png && " EVAL "set");

  assert_status (unlabelled, 0);
  assert_contains (unlabelled->out, "2 images at 112×112");
  assert_contains (unlabelled->out, "Images without a label: 2.");
  assert_status (masks, 0);
  assert_contains (masks->out, "  pixel");
  g_assert_null (strstr (masks->out, "  image")); /* above the columns */
  assert_status (labels, 0);
  assert_contains (labels->out, "  image");
  g_assert_null (strstr (labels->out, "  pixel"));
}

static void
test_csv (void)
{
  g_autoptr (Shell) run =
      shell_run (IMAGE "cd \"$DIR\" && rm -rf set && "
                       "image 0 'set/a, \"b\"/good/0.png' && "
                       "image 2 'set/a, \"b\"/bad/2.png' && "
                       "image 3 set/c/good/0.png && " EVAL "set --csv");

  assert_status (run, 0);
  g_assert_true (g_str_has_prefix (
      run->out, "line,category,good,defective,image_auroc,image_ap,"
                "image_f1_max,image_threshold,pixel_auroc,pixel_ap,pixel_pro,"
                "pixel_f1_max,pixel_threshold\n"
                "category,\"a, \"\"b\"\"\",1,1,0,0.5,0.666666667,0.387"));
  assert_contains (run->out, "\ncategory,c,1,0,,,,,,,,,\n");
  assert_contains (run->out, "\nmean,mean,2,1,0,0.5,0.666666667,,,,,,\n");
}

/* All files of the report; the page needs none of the others. */
static void
test_output (void)
{
  g_autoptr (Shell) run = shell_run (
      IMAGE MASK
      "cd \"$DIR\" && rm -rf set out && image 0 'set/good/<0>&.png' && "
      "image 1 set/good/1.png && image 2 set/bad/2.png && "
      "mask 112 112 set/masks/2.pgm && echo none >set/bad/text.png && " EVAL
      "set --output out; echo $?; ls out; cat out/report.html");
  static const char *const parts[] = {
      "1\ncurves.png\nreport.html\nresults.csv\nresults.json\nscores.csv\n"
      "worst.png\n",
      "<!DOCTYPE html>",
      "good/&lt;0&gt;&amp;",
      "src=\"data:image/png;base64,iVBORw0KGgo",
      ">False alarms</h2>",
      ">Missed defects</h2>",
      ">Defects in the wrong place</h2>",
      "<li>set/bad/text.png: ",
      "</html>",
  };
  g_autoptr (Shell) scores = shell_run ("cat \"$DIR\"/out/scores.csv");

  assert_status (run, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    assert_contains (run->out, parts[i]);
  /* A browser loads nothing else. */
  g_assert_null (strstr (run->out, "http"));
  g_assert_null (strstr (run->out, "src=\"c"));
  assert_contains (scores->out, "\nset,good/1,good,0.38188");
  assert_contains (scores->out, "\nset,bad/2,defective,0.38715");
}

static void
test_output_failures (void)
{
  g_autoptr (Shell) inside =
      shell_run (IMAGE "cd \"$DIR\" && rm -rf set && "
                       "image 1 set/good/1.png && " EVAL
                       "set --output set/out; echo $? $(ls set)");
  g_autoptr (Shell) file =
      shell_run ("cd \"$DIR\" && " EVAL "set --output set/good/1.png");

  g_assert_cmpstr (inside->out, ==, "2 good\n");
  assert_contains (inside->err,
                   "--output: set/out lies inside the data set; choose "
                   "another folder");
  assert_status (file, 1);
  assert_contains (file->err, "the folder set/good/1.png cannot be created");
}

/* SIGTERM ends the program as usual, and no file is incomplete. A pipe among
 * the images shows when it has begun. */
static void
test_interrupt (void)
{
  g_autoptr (Shell) run = shell_run (
      IMAGE "cd \"$DIR\" && rm -rf set out out.json && mkdir set && "
            "image 0 set/0.png && for i in $(seq 400); do "
            "ln -s 0.png set/l$i.png; done && mkfifo set/1.png && exec " EVAL
            "set --output out --json >out.json & child=$!; cd \"$DIR\"; "
            "while ! test -p set/1.png; do sleep 0.1; done; : >set/1.png; "
            "kill -TERM $child; wait $child; "
            "echo $? $(wc -c <out.json) $(ls out | wc -l)");

  assert_contains (run->err, "of 402 images; nothing was written");
  g_assert_cmpstr (run->out, ==, "143 0 0\n");
}

int
main (int argc, char **argv)
{
  shell_init (&argc, &argv);
  g_test_add_func ("/eval-command/usage", test_usage);
  g_test_add_func ("/eval-command/layouts", test_layouts);
  g_test_add_func ("/eval-command/wrong-layout", test_wrong_layout);
  g_test_add_func ("/eval-command/scores", test_scores);
  g_test_add_func ("/eval-command/references", test_references);
  g_test_add_func ("/eval-command/bad-files", test_bad_files);
  g_test_add_func ("/eval-command/incomplete", test_incomplete);
  g_test_add_func ("/eval-command/csv", test_csv);
  g_test_add_func ("/eval-command/output", test_output);
  g_test_add_func ("/eval-command/output-failures", test_output_failures);
  g_test_add_func ("/eval-command/interrupt", test_interrupt);
  return shell_test ();
}
