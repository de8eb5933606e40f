using Apprentice.Compute;

namespace Apprentice.Generation;

/// <summary>Points in groups.</summary>
/// <param name="Assignment">Cluster of each point.</param>
/// <param name="Centroids">Mean of each cluster; a cluster that lost all its points keeps its last centroid.</param>
/// <param name="Inertia">Sum of squared distances of the points to their centroids.</param>
/// <param name="Iterations">Rounds of Lloyd's algorithm until nothing changed.</param>
public sealed record Clustering(int[] Assignment, double[][] Centroids, double Inertia, int Iterations);

/// <summary>K-means: Lloyd's algorithm from k-means++ starts, best of several restarts. Deterministic under its seed.</summary>
/// <remarks>Arthur and Vassilvitskii, 2007, for the starts; as scikit-learn's KMeans with n_init 10. Ties go to the lowest index.</remarks>
public static class KMeans
{
    /// <summary>Rounds after which a run stops even if points still move. 300, as in scikit-learn.</summary>
    private const int MostIterations = 300;

    /// <summary>Groups <paramref name="points"/>.</summary>
    /// <param name="points">All of one length.</param>
    /// <param name="clusters">At least 1, at most as many as points.</param>
    /// <param name="seed">Decides the starts.</param>
    /// <param name="restarts">Starts of which the one with the lowest inertia wins. Default 10, as in the paper's sibling study.</param>
    /// <exception cref="ArgumentException">There are fewer points than clusters, or the points differ in length.</exception>
    public static Clustering Fit(IReadOnlyList<float[]> points, int clusters, ulong seed, int restarts = 10)
    {
        ArgumentNullException.ThrowIfNull(points);
        return Fit([.. points.Select(p => Array.ConvertAll(p, x => (double)x))], clusters, seed, restarts);
    }

    /// <inheritdoc cref="Fit(IReadOnlyList{float[]}, int, ulong, int)"/>
    public static Clustering Fit(IReadOnlyList<double[]> points, int clusters, ulong seed, int restarts = 10)
    {
        Check(points, clusters);
        ArgumentOutOfRangeException.ThrowIfLessThan(restarts, 1);
        SeededRandom random = new(seed);
        Clustering? best = null;
        for (int i = 0; i < restarts; i++)
        {
            Clustering run = FitFrom(points, Starts(points, clusters, random));
            if (best is null || run.Inertia < best.Inertia)
            {
                best = run;
            }
        }

        return best!;
    }

    /// <summary>Lloyd's algorithm from given centroids.</summary>
    /// <param name="points">All of one length.</param>
    /// <param name="initial">First centroids, of the same length.</param>
    /// <exception cref="ArgumentException">There are fewer points than centroids, or lengths differ.</exception>
    public static Clustering FitFrom(IReadOnlyList<double[]> points, IReadOnlyList<double[]> initial)
    {
        ArgumentNullException.ThrowIfNull(initial);
        Check(points, initial.Count);
        double[][] centroids = [.. initial.Select(c => (double[])c.Clone())];
        int[] assignment = new int[points.Count];
        Array.Fill(assignment, -1);
        int iterations = 0;
        while (iterations < MostIterations)
        {
            bool moved = false;
            for (int i = 0; i < points.Count; i++)
            {
                int nearest = Nearest(points[i], centroids);
                moved |= nearest != assignment[i];
                assignment[i] = nearest;
            }

            if (!moved)
            {
                break;
            }

            iterations++;
            Move(points, assignment, centroids);
        }

        double inertia = 0;
        for (int i = 0; i < points.Count; i++)
        {
            inertia += SquaredDistance(points[i], centroids[assignment[i]]);
        }

        return new Clustering(assignment, centroids, inertia, iterations);
    }

    /// <summary>For each cluster the member nearest to its centroid, the lowest index on ties; −1 for an empty cluster.</summary>
    /// <param name="points">The points that were grouped.</param>
    /// <param name="clustering">Their groups.</param>
    public static int[] ClosestMembers(IReadOnlyList<double[]> points, Clustering clustering)
    {
        ArgumentNullException.ThrowIfNull(points);
        ArgumentNullException.ThrowIfNull(clustering);
        int[] closest = new int[clustering.Centroids.Length];
        double[] distances = new double[closest.Length];
        Array.Fill(closest, -1);
        Array.Fill(distances, double.PositiveInfinity);
        for (int i = 0; i < points.Count; i++)
        {
            int cluster = clustering.Assignment[i];
            double distance = SquaredDistance(points[i], clustering.Centroids[cluster]);
            if (distance < distances[cluster])
            {
                distances[cluster] = distance;
                closest[cluster] = i;
            }
        }

        return closest;
    }

    private static void Check(IReadOnlyList<double[]> points, int clusters)
    {
        ArgumentNullException.ThrowIfNull(points);
        if (clusters < 1 || points.Count < clusters)
        {
            throw new ArgumentException($"{clusters} clusters of {points.Count} points; expected 1 to {points.Count}.", nameof(clusters));
        }

        int odd = Enumerable.Range(0, points.Count).FirstOrDefault(i => points[i].Length != points[0].Length, -1);
        if (odd >= 0)
        {
            throw new ArgumentException($"Point {odd} has {points[odd].Length} numbers, point 0 has {points[0].Length}.", nameof(points));
        }
    }

    private static double[][] Starts(IReadOnlyList<double[]> points, int clusters, SeededRandom random)
    {
        double[][] starts = new double[clusters][];
        starts[0] = points[random.NextInt(points.Count)];
        double[] nearest = new double[points.Count];
        Array.Fill(nearest, double.PositiveInfinity);
        for (int c = 1; c < clusters; c++)
        {
            double sum = 0;
            for (int i = 0; i < points.Count; i++)
            {
                nearest[i] = Math.Min(nearest[i], SquaredDistance(points[i], starts[c - 1]));
                sum += nearest[i];
            }

            double target = random.NextDouble() * sum;
            int chosen = 0;
            while (chosen < points.Count - 1 && (target -= nearest[chosen]) >= 0)
            {
                chosen++;
            }

            starts[c] = points[chosen];
        }

        return starts;
    }

    private static int Nearest(double[] point, double[][] centroids)
    {
        int nearest = 0;
        double smallest = double.PositiveInfinity;
        for (int c = 0; c < centroids.Length; c++)
        {
            double distance = SquaredDistance(point, centroids[c]);
            if (distance < smallest)
            {
                smallest = distance;
                nearest = c;
            }
        }

        return nearest;
    }

    private static void Move(IReadOnlyList<double[]> points, int[] assignment, double[][] centroids)
    {
        int[] counts = new int[centroids.Length];
        double[][] sums = [.. centroids.Select(c => new double[c.Length])];
        for (int i = 0; i < points.Count; i++)
        {
            double[] sum = sums[assignment[i]];
            counts[assignment[i]]++;
            for (int d = 0; d < sum.Length; d++)
            {
                sum[d] += points[i][d];
            }
        }

        for (int c = 0; c < centroids.Length; c++)
        {
            for (int d = 0; counts[c] > 0 && d < sums[c].Length; d++)
            {
                centroids[c][d] = sums[c][d] / counts[c];
            }
        }
    }

    private static double SquaredDistance(double[] a, double[] b)
    {
        double sum = 0;
        for (int d = 0; d < a.Length; d++)
        {
            double difference = a[d] - b[d];
            sum += difference * difference;
        }

        return sum;
    }
}
