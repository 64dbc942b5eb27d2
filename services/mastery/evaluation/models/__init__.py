"""What predicts a response from those before it: Trellis's estimate, and what it is compared with.

    trellis      the estimate as a district has it: `difficulty`, `estimate`, `calibration`
    rules        rules of the product, and those of learning platforms
    bkt, elo     Bayesian knowledge tracing; ratings
    regression   IRT, PFA and Best-LR

Each is a `model.Model`, but for Trellis's, of which decisions are read besides.
"""
