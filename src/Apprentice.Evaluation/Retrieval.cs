namespace Apprentice.Evaluation;

/// <summary>Finding functions that solve the same problem among many, as POJ-104 asks.</summary>
public static class Retrieval
{
    /// <summary>Average precision at R for every item: R is the number of other members of its class, the item itself is left out.</summary>
    /// <param name="similarity">Similarity of item i to item j; higher is more alike.</param>
    /// <param name="labels">Class of each item.</param>
    /// <returns>One value for each item; NaN for an item that is alone in its class. Equal similarities keep the order of the items.</returns>
    public static double[] AveragePrecisionAtR(Func<int, int, double> similarity, IReadOnlyList<int> labels)
    {
        double[] result = new double[labels.Count];
        for (int i = 0; i < labels.Count; i++)
        {
            int relevant = labels.Count(label => label == labels[i]) - 1;
            int item = i;
            IEnumerable<int> nearest = Enumerable.Range(0, labels.Count).Where(other => other != item).OrderByDescending(other => similarity(item, other)).Take(relevant);
            int hits = 0, place = 0;
            double sum = 0;
            foreach (int other in nearest)
            {
                place++;
                if (labels[other] == labels[i])
                {
                    hits++;
                    sum += (double)hits / place;
                }
            }

            result[i] = relevant == 0 ? double.NaN : sum / relevant;
        }

        return result;
    }

    /// <summary>Mean of <see cref="AveragePrecisionAtR"/> over the items that are not alone in their class (MAP@R).</summary>
    /// <param name="similarity">Similarity of item i to item j; higher is more alike.</param>
    /// <param name="labels">Class of each item.</param>
    public static double MapAtR(Func<int, int, double> similarity, IReadOnlyList<int> labels) =>
        AveragePrecisionAtR(similarity, labels).Where(value => !double.IsNaN(value)).DefaultIfEmpty(double.NaN).Average();
}
