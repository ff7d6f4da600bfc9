"""The words of the engine as data: recipes, steps, variants, manifests, evidence. Imports nothing of the rest."""
