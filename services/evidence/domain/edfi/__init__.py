"""Ed-Fi, Data Standard 5: from resources of its API to source objects, and to observations.

Pure. One set of rules reads what the API gives and what interchange files hold: `interchange` puts
an XML element into the shape of the API first.

    interchange      XML elements in the shape of the API
    resources, ids   which resources are read, in which order, and the ids of what is kept
    fields, words    reading a document's fields; descriptors in the words of Trellis
    reading          one document to what is kept of it; the rules by subject are in organisations,
                     terms, courses, people, sections, standards, assessments
    sittings         observations of a student assessment, with items and objectives
    standard_grades  observations of a grade
"""
