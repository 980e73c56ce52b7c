# assay: begin a
# assay: begin b
# assay: end a
# assay: end b
