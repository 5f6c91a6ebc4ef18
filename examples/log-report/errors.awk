# Errors by page.
$3 >= 500 { errors[$2]++ }
END { for (page in errors) print page, errors[page] | "sort" }
