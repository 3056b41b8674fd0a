"""What good enough means: the rubric's model, strict loading, the comparison of two bars."""
