"""Ed-Fi, Data Standard 5: from resources of its API to source objects, and to observations.

Pure. One set of rules reads what the API gives and what interchange files hold: `interchange` puts
an XML element into the shape of the API first.

    resources     which resources are read, in which order, and what makes their ids
    fields        reading a document's fields, or refusing them
    words         descriptors' codes in the words of OneRoster and of Trellis
    reading       one document to what is kept of it; the rules by subject are in the modules
                  organisations, terms, courses, people, sections, standards, assessments
    scores        observations of a student assessment
    standard_grades  observations of a grade
"""
