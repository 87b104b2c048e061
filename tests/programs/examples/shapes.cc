/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The same from C++: types by templates, scopes and borrows that end by themselves,
 * smart pointers and containers.
 */

#include <memscope.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace shapes
{

struct Point
{
  double x, y;
};

template <typename T>
struct Grid
{
  std::vector<T> cells;
};

}

static unsigned named, scopes, borrows;

static void
fail_inside_a_scope ()
{
  MEMSCOPE_SCOPE ("fails");
  scopes++;

  throw std::runtime_error ("on purpose");
}

static double
sum_of (const std::vector<double> &values)
{
  memscope::Borrow borrow (values.data (), "sum_of");
  double sum = 0;

  borrows++;
  for (double value : values)
    sum += value;

  return sum;
}

int
main ()
{
  MEMSCOPE_SCOPE ("main");
  scopes++;

  auto points = std::make_unique<shapes::Point[]> (50);
  auto shared = std::make_shared<shapes::Point> ();
  std::vector<double> weights (500, 1.5);
  std::string text (300, 'x');
  shapes::Grid<int> *grid = new shapes::Grid<int>;
  int on_the_stack[8] = {};

  MEMSCOPE_TRACK (points);
  MEMSCOPE_TRACK (shared);
  MEMSCOPE_TRACK (weights);
  MEMSCOPE_TRACK (text);
  MEMSCOPE_TRACK (grid);
  named += 5;

  {
    memscope::Tracked tracked (on_the_stack, sizeof on_the_stack, "on_the_stack", memscope::type_name<decltype (on_the_stack)> ());

    auto other = shared;
    MEMSCOPE_CLONE (other, shared);
  }

  try
    {
      fail_inside_a_scope ();
    }
  catch (const std::runtime_error &)
    {
    }

  double sum = sum_of (weights);

  std::printf ("named %u\nscopes %u\nborrows %u\nsum %.0f\n", named, scopes, borrows, sum + on_the_stack[0]);
  delete grid;

  return 0;
}
