"""The numbers of mastery: from evidence to credit, current level, estimate and decision.

Pure and synchronous. It must not read a clock, a database, a message or a setting: times, facts
and policy are arguments, and the same arguments always give the same answer.

    model         what the other modules take and give; times in moments, faults in errors
    registry      evidence and what is kept of it, as columns of a chunk
    fold          a chunk of facts as changes of exact sums
    retention     which facts come too late to change what a seal has closed
    freshness     up to where all evidence has come, by the watermarks of partitions
    contribution  one scored piece of evidence as two exact integers
    epochs        how hard and how weighty a piece is, by the epoch of its time; source_weights
                  reads weights, calibration learns how hard items are
    estimate      integer sums and windows as a chance of success, on the numbers of sigma_table
    external_tests  an external test as one piece of work, and facts as without one
    rules         a district's rules, which read occasions and give a level: the table of them,
                  made of averaging_rules, picking_rules and power_law, on occasion_levels, averages
    decide        level and estimate together as a decision; standing holds it to a step a test
    explain       where an estimate and a level come from
    state_hash    one digest of the whole state
    policies      which version of a district's policy is in force when
    policy_document  a policy as people write it down, its fields by subject in policy_fields
    mastery       `read_mastery`, which calls the others in their order
    needs         which competencies teaching time may go to, without what needs do not tell
    published_status  what families are told, which comes down later than a decision: keeping says
                  what it takes to stay, flip_words tell each flip in a sentence

Beside these, of the same averages and decisions:

    roll_up       whether broad competencies are reached, by the decisions on their parts; the
                  rules for it are roll_up_rules
    level_words   a level in the words of a district, on scales
    canvas        what Canvas shows for a learner's result rows
    khan          how Khan Academy moves from level to level
"""
