"""The numbers of mastery: from evidence to credit, current level, estimate and decision.

Pure and synchronous. It must not read a clock, a database, a message or a setting: times, facts
and policy are arguments, and the same arguments always give the same answer.

    model         what the other modules take and give
    registry      evidence and what is kept of it, as columns of a chunk
    fold          a chunk of facts as changes of exact sums
    contribution  one scored piece of evidence as two exact integers
    estimate      integer sums and windows as a chance of success
    rules         a district's rules, which read occasions and give a level: the table of them,
                  made of averaging_rules, picking_rules and power_law, on occasion_levels, averages
    decide        level and estimate together as a decision
    explain       where an estimate and a level come from
    state_hash    one digest of the whole state
    policies      which version of a district's policy is in force when
    policy_document  a policy as people write it down, its fields by subject in policy_fields
    mastery       `read_mastery`, which calls the others in their order
    needs         which competencies teaching time may go to, without what needs do not tell

Beside these, of the same averages and decisions:

    roll_up       whether broad competencies are reached, by the decisions on their parts; the
                  rules for it are roll_up_rules
    level_words   a level in the words of a district, on scales
    canvas        what Canvas shows for a learner's result rows
    khan          how Khan Academy moves from level to level
"""
