"""The recipe: fits a line, and says how well."""
RATE = 0.05

slope = 0.0
for step in range(20):
    error = slope - 2.0
    slope -= RATE * error
print(f"val_bpb:{1.0 + abs(slope - 2.0):.6f}")
