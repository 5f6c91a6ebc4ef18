# Mean time by page, in milliseconds.
{ count[$2]++; total[$2] += $4 }
END { for (page in count) printf "%s %.1f\n", page, total[page] / count[page] | "sort" }
